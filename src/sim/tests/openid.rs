//! Tests of the OpenID document of a tenant, in which credential classes find the token endpoint, also behind a proxy.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_document_contains_its_token_endpoint() {
    let (sim, _clock, http) = sim("empty").await;
    let ready = sim.ready();
    let at = |tenant: &str| ready.graph.join(&format!("/{tenant}/v2.0/.well-known/openid-configuration")).unwrap();
    let document: Value = http.get(at(&ready.tenant)).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["token_endpoint"], json!(ready.token.as_str()));
    let secret = ready.client_secret.expose_secret().to_owned();
    let granted: Value = token(&sim, &http, &secret).await.json().await.unwrap();
    let signed = granted["access_token"].as_str().unwrap();
    let keys: JwkSet = http.get(document["jwks_uri"].as_str().unwrap()).send().await.unwrap().json().await.unwrap();
    let kid = jsonwebtoken::decode_header(signed).unwrap().kid.unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&["https://graph.microsoft.com"]);
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    assert!(jsonwebtoken::decode::<Value>(signed, &key, &rules).is_ok());

    let behind = http.get(at(&ready.tenant)).header("host", "graph.test:8443").header("x-forwarded-proto", "https");
    let document: Value = behind.send().await.unwrap().json().await.unwrap();
    let own = format!("https://graph.test:8443/{}", ready.tenant);
    assert_eq!(document["token_endpoint"], format!("{own}/oauth2/v2.0/token"));
    assert_eq!(document["issuer"], format!("{own}/v2.0"));
    let nobody = http.get(at("contoso")).send().await.unwrap();
    assert_eq!(
        (nobody.status().as_u16(), &nobody.json::<Value>().await.unwrap()["error"]),
        (400, &json!("invalid_tenant"))
    );
    let document: Value = http.get(at("contoso.com")).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["token_endpoint"], json!(ready.token.as_str()), "a domain name is the home tenant's");
    let document: Value = http.get(at("common")).send().await.unwrap().json().await.unwrap();
    assert!(document["issuer"].as_str().unwrap().ends_with("/{tenantid}/v2.0"), "{document}");
    assert!(document["token_endpoint"].as_str().unwrap().ends_with("/common/oauth2/v2.0/token"), "{document}");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_request_has_entras_members() {
    let (sim, _clock, http) = sim("empty").await;
    let secret = sim.ready().client_secret.expose_secret().to_owned();
    let id = sim.ready().client_id.to_string();
    let correlation = "05491616-385f-44a8-9974-18cc5f9933c1";
    let ask = async |tenant: &str, changes: &[(&str, &str)]| {
        let mut form = std::collections::BTreeMap::from([
            ("client_id", id.as_str()),
            ("client_secret", secret.as_str()),
            ("grant_type", "client_credentials"),
            ("scope", "https://graph.microsoft.com/.default"),
        ]);
        form.extend(changes.iter().copied());
        let url = sim.ready().graph.join(&format!("/{tenant}/oauth2/v2.0/token")).unwrap();
        let answer = http.post(url).header("client-request-id", correlation).form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let home = sim.ready().tenant.to_string();
    for (tenant, changes, status, error, code) in [
        (home.as_str(), ("client_secret", "guess"), 401, "invalid_client", 7_000_215),
        (&home, ("client_id", "nobody"), 400, "unauthorized_client", 700_016),
        (&home, ("scope", "User.Read"), 400, "invalid_scope", 1_002_012),
        (&home, ("grant_type", "password"), 400, "unsupported_grant_type", 70_003),
        (&home, ("client_assertion", "x"), 400, "invalid_request", 9_002_313),
        ("common", ("scope", "https://graph.microsoft.com/.default"), 400, "invalid_request", 50_059),
        ("contoso", ("scope", "https://graph.microsoft.com/.default"), 400, "invalid_request", 900_023),
    ] {
        let (got, body) = ask(tenant, &[changes]).await;
        assert_eq!((got, &body["error"], &body["error_codes"]), (status, &json!(error), &json!([code])), "{body}");
        let described = body["error_description"].as_str().unwrap();
        let time = body["timestamp"].as_str().unwrap();
        assert!(described.starts_with(&format!("AADSTS{code}: ")), "{described}");
        let ids = format!("Trace ID: {} Correlation ID: {correlation} ", body["trace_id"].as_str().unwrap());
        assert!(described.ends_with(&format!("{ids}Timestamp: {time}")), "{described}");
        assert_eq!(body["correlation_id"], correlation);
        assert!(time.len() == 20 && time.ends_with('Z') && time.contains(' '), "{time}");
        assert_eq!(body["error_uri"], format!("https://login.microsoftonline.com/error?code={code}"));
    }
    let (status, granted) = ask("contoso.onmicrosoft.com", &[]).await;
    assert_eq!((status, &granted["token_type"]), (200, &json!("Bearer")));
    let list = sim.ready().graph.join("/v1.0/communications/calls/x").unwrap();
    let bearer = granted["access_token"].as_str().unwrap();
    assert_eq!(http.get(list).bearer_auth(bearer).send().await.unwrap().status(), 404, "the token is accepted");
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_can_be_discovered_as_msal_does() {
    let (sim, _clock, http) = sim("empty").await;
    let discover = async |query: &[(&str, &str)]| {
        let mut url = sim.ready().graph.join("/common/discovery/instance").unwrap();
        url.query_pairs_mut().extend_pairs(query);
        let asked = http.get(url).header("host", "login.test:8443").header("x-forwarded-proto", "https");
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let endpoint = |host: &str| format!("https://{host}/contoso.com/oauth2/v2.0/authorize");
    for host in ["login.test:8443", "login.microsoftonline.com"] {
        let (status, known) = discover(&[("api-version", "1.1"), ("authorization_endpoint", &endpoint(host))]).await;
        let document = "https://login.test:8443/contoso.com/v2.0/.well-known/openid-configuration";
        assert_eq!((status, &known["tenant_discovery_endpoint"]), (200, &json!(document)));
        assert!(known["metadata"][1]["aliases"] == json!(["login.test:8443"]), "{known}");
        assert!(known["metadata"][0]["aliases"].as_array().unwrap().contains(&json!("login.microsoftonline.com")));
    }
    let (status, unknown) = discover(&[("authorization_endpoint", &endpoint("evil.test"))]).await;
    assert_eq!(
        (status, &unknown["error"], &unknown["error_codes"]),
        (400, &json!("invalid_instance"), &json!([50_049]))
    );
    let (status, nothing) = discover(&[]).await;
    assert_eq!((status, &nothing["error_codes"]), (400, &json!([900_144])));
    sim.stop().await;
}
