// A bot's webhook on loopback, which takes each notification only with a signature that holds (by jose).

import assert from "node:assert/strict";
import http from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";

const ISSUER = "https://api.botframework.com";
const PATIENCE = 20_000;

export class Webhook {
  taken = [];
  refused = [];
  waiting = new Set();

  async listen() {
    this.server = http.createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      try {
        await this.verify(request.headers.authorization?.replace(/^Bearer /, ""));
        const { value } = JSON.parse(Buffer.concat(parts).toString());
        for (const one of value) assert.match(one.resourceUrl, /^\/?communications\/calls\//);
        this.taken.push(...value);
        response.writeHead(202).end();
      } catch (fault) {
        this.refused.push(String(fault));
        response.writeHead(401).end();
      }
      for (const look of this.waiting) look();
    });
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    return (this.url = `http://127.0.0.1:${this.server.address().port}/notifications`);
  }

  /** From now on notifications are taken, signed by the keys that the OpenID document names. */
  async trust({ openid, clientId, tenant }) {
    const document = await (await fetch(openid)).json();
    assert.equal(document.issuer, ISSUER);
    const keys = createRemoteJWKSet(new URL(document.jwks_uri));
    const wanted = { issuer: ISSUER, audience: clientId, algorithms: ["RS256"], requiredClaims: ["exp", "nbf", "tid"] };
    this.verify = async (token) => {
      const { payload } = await jwtVerify(token, keys, wanted);
      assert.equal(payload.tid, tenant);
    };
  }

  /** The first notification that is wanted; waits for it. */
  until(what, wanted) {
    return new Promise((found, failed) => {
      const ends = (act) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        act();
      };
      const look = () => {
        const one = this.taken.find(wanted);
        if (this.refused.length) ends(() => failed(new Error(`signatures failed: ${this.refused}`)));
        else if (one) ends(() => found(one));
      };
      const last = () => JSON.stringify(this.taken.slice(-8), null, 1);
      const timer = setTimeout(() => ends(() => failed(new Error(`no notification: ${what}; the last: ${last()}`))), PATIENCE);
      this.waiting.add(look);
      look();
    });
  }

  about(what, tail, wanted) {
    return this.until(what, (it) => it.resourceUrl.replace(/^\//, "") === `communications/calls/${tail}` && wanted(it));
  }

  /** The notification of a call's state. */
  call(id, state, change = "updated") {
    const wanted = (it) => it.changeType === change && it.resourceData.state === state;
    return this.about(`${id} ${state}`, id, wanted);
  }

  /** The end of an operation. */
  async operation(id, { id: operation, "@odata.type": kind }, status = "completed") {
    const told = await this.about(`the end of ${kind}`, `${id}/operations/${operation}`, () => true);
    assert.equal(told.changeType, "deleted");
    assert.equal(told.resourceData["@odata.type"], kind);
    assert.equal(told.resourceData.status, status);
    return told.resourceData;
  }

  /** The first roster that is as wanted. */
  async roster(id, what, wanted) {
    return (await this.about(what, `${id}/participants`, (it) => wanted(it.resourceData))).resourceData;
  }
}
