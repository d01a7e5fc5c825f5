// Judge: Microsoft's JavaScript client drives every documented row; jose verifies every notification.
//
// The client gives its token to https hosts only. So a front that ends TLS stands before the simulator, with a
// certificate made for this run, which Node trusts because it is named when the process starts: this one makes it
// and starts the one that judges.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import selfsigned from "selfsigned";

const folder = mkdtempSync(join(tmpdir(), "callboard-judge-"));
const names = [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }];
const made = selfsigned.generate([{ name: "commonName", value: "localhost" }], {
  days: 2,
  keySize: 2048,
  algorithm: "sha256",
  extensions: [
    { name: "basicConstraints", cA: true },
    { name: "subjectAltName", altNames: names },
  ],
});
const certificate = join(folder, "certificate.pem");
writeFileSync(certificate, made.cert);
const judge = spawn(process.execPath, [join(import.meta.dirname, "rows.mjs")], {
  stdio: "inherit",
  env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate, CALLBOARD_TLS: JSON.stringify(made) },
});
judge.on("exit", (code) => {
  rmSync(folder, { recursive: true });
  process.exit(code ?? 1);
});
