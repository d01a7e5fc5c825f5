// Microsoft's .NET SDK against the simulator: prints the state of the call CALL and its number of participants. Our
// tests neither compile nor run it.
//
// `dotnet add package Microsoft.Graph` (version 5). The guide's page "Connect a relay" sets GRAPH,
// TOKEN and CALL.

using Microsoft.Graph;
using Microsoft.Kiota.Abstractions.Authentication;

var bearer = new BaseBearerTokenAuthenticationProvider(new Token());
var graph = new GraphServiceClient(bearer, Environment.GetEnvironmentVariable("GRAPH"));
var call = graph.Communications.Calls[Environment.GetEnvironmentVariable("CALL")!];
var state = (await call.GetAsync())?.State;
var participants = (await call.Participants.GetAsync())?.Value;
Console.WriteLine($"{state}, {participants?.Count} participants");

class Token : IAccessTokenProvider
{
    public AllowedHostsValidator AllowedHostsValidator { get; } = new(new[] { "127.0.0.1" });

    public Task<string> GetAuthorizationTokenAsync(
        Uri uri,
        Dictionary<string, object>? additionalAuthenticationContext = null,
        CancellationToken cancellationToken = default)
        => Task.FromResult(Environment.GetEnvironmentVariable("TOKEN")!);
}
