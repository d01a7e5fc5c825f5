// The simulator as this judge meets it: its ready line, tokens, control API, a front that ends TLS, and which
// documented rows were seen to succeed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROWS = JSON.parse(readFileSync(join(import.meta.dirname, "..", "rows.json"), "utf8"));

/** Tells the webhook's address on standard output, and reads the simulator's ready line from standard input. */
export async function ready(webhook) {
  console.log(webhook);
  for await (const line of createInterface({ input: process.stdin })) return JSON.parse(line);
  throw new Error("no ready line came");
}

/** An application token, as Entra's token endpoint gives it. */
export async function token(sim, tenant = sim.tenant) {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: sim.clientId,
    client_secret: sim.clientSecret,
    scope: "https://graph.microsoft.com/.default",
  });
  const answer = await fetch(sim.token.replace(sim.tenant, tenant), { method: "POST", body });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).access_token;
}

/** Asks the control API. */
export async function control(sim, path, body) {
  const headers = { Authorization: `Bearer ${sim.controlToken}`, "Content-Type": "application/json" };
  const asked = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(sim.control.replace(/\/$/, "") + path, asked);
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? undefined : answer.json();
}

/** Ends TLS before the simulator and notes what passes: every documented row must succeed as documented. */
export class Front {
  seen = new Set();
  wrong = [];
  last = null;

  constructor(sim, { private: key, cert }) {
    const behind = new URL(sim.graph);
    const rows = ROWS.map((row) => [row, new RegExp(`^/v1.0${row.path.replace(/\{\w+\}/g, "[^/]+")}$`, "i")]);
    rows.sort(([a], [b]) => a.path.split("{").length - b.path.split("{").length);
    this.rows = rows.map(([row]) => row);
    this.server = https.createServer({ key, cert }, (request, response) => {
      const { method, url: path, headers } = request;
      const onward = http.request({ host: behind.hostname, port: behind.port, method, path, headers }, (answer) => {
        const status = answer.statusCode;
        this.last = { status, location: answer.headers.location, body: answer.headers["content-length"] };
        const row = rows.find(([row, pattern]) => row.method === method && pattern.test(path))?.[0];
        if (row && status < 400) {
          if (status === row.status) this.seen.add(row);
          else this.wrong.push(`${method} ${path}: ${status}, documented is ${row.status}`);
        }
        response.writeHead(status, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", (error) => {
        this.wrong.push(`${method} ${path}: ${error}`);
        response.destroy();
      });
      request.pipe(onward);
    });
  }

  async listen() {
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    return `https://localhost:${this.server.address().port}/`;
  }

  complete() {
    assert.deepEqual(this.wrong, []);
    assert.deepEqual(this.rows.filter((row) => !this.seen.has(row)), [], "documented rows that were not seen to succeed");
  }
}
