import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";

/** A certificate with its key. It signs itself, so that whoever trusts it takes it. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Makes one for a host, over 60 days, and leaves it in `<file>` and `<file>.key`. */
export function selfSigned(file: string, host: string): Certificate {
  const wish = ["-days", "60", "-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...wish, "-keyout", `${file}.key`, "-out", file], {
    stdio: "ignore",
  });
  return { key: readFileSync(`${file}.key`, "utf8"), cert: readFileSync(file, "utf8") };
}

/** A host on loopback that shows a certificate. Whoever does not take it hangs up, which is no error here. */
export async function tlsHost(certificate: Certificate): Promise<{ readonly host: Server; readonly port: number }> {
  const host = createServer(certificate, (socket) => socket.on("error", () => undefined));
  host.on("tlsClientError", () => undefined);
  await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready));
  return { host, port: (host.address() as AddressInfo).port };
}
