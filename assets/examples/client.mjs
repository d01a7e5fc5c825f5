// Microsoft's JavaScript client against the simulator: prints the state of the call CALL and its number of
// participants.
//
// `npm install @microsoft/microsoft-graph-client`. The guide's page "Connect a relay" sets GRAPH, TOKEN and
// CALL. The client's own providers send a token to https hosts only; a custom middleware chain sends it anywhere.

import graphClient from "@microsoft/microsoft-graph-client";

const { Client, HTTPMessageHandler } = graphClient;
const bring = {
  execute(context) {
    context.options.headers = { ...context.options.headers, Authorization: `Bearer ${process.env.TOKEN}` };
    return this.next.execute(context);
  },
  setNext(next) {
    this.next = next;
  },
};
const middleware = [bring, new HTTPMessageHandler()];
const graph = Client.initWithMiddleware({ baseUrl: new URL("/", process.env.GRAPH).href, middleware });
const path = `/communications/calls/${process.env.CALL}`;
const { state } = await graph.api(path).get();
const participants = (await graph.api(`${path}/participants`).get()).value;
console.log(`${state}, ${participants.length} participants`);
