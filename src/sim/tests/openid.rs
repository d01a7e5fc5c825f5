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
    sim.stop().await;
}
