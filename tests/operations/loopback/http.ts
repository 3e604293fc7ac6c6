import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server answers; nothing is 404. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What it was asked. */
export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server on a free port of loopback. `asked` has all requests. `await using` closes it. */
export async function server(
  answer: (request: Asked, origin: string) => Reply | undefined | Promise<Reply | undefined>,
): Promise<{ readonly origin: string; readonly asked: Asked[] } & AsyncDisposable> {
  const asked: Asked[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const one: Asked = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
      asked.push(one);
      void Promise.resolve(answer(one, origin())).then((reply = { status: 404 }) => {
        const text = reply.body === undefined ? "" : typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body);
        response.writeHead(reply.status ?? 200, reply.headers).end(request.method === "HEAD" ? undefined : text);
      });
    });
  });
  const origin = (): string => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  await new Promise<void>((ready) => http.listen(0, "127.0.0.1", ready));
  return {
    origin: origin(),
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((closed) => {
        http.closeAllConnections();
        http.close(() => closed());
      }),
  };
}
