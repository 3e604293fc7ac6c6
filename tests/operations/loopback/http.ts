import { createHash } from "node:crypto";
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

/** What a server sends over a WebSocket: these texts, one message each, then it closes, or waits to be closed. */
export interface Socket {
  readonly messages: readonly string[];
  readonly stays?: boolean;
}

/** A server on a free port of loopback. `asked` has all requests. `await using` closes it. */
export async function server(
  answer: (request: Asked, origin: string) => Reply | undefined | Promise<Reply | undefined>,
  socket: (path: string) => Socket = () => ({ messages: [] }),
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
  http.on("upgrade", (request, stream) => {
    const key = String(request.headers["sec-websocket-key"]);
    // The number that the protocol wants behind the key (RFC 6455).
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const { messages, stays = false } = socket(request.url ?? "");
    for (const message of messages) stream.write(frame(1, Buffer.from(message)));
    if (!stays) stream.write(frame(8, Buffer.from([3, 232])));
    stream.on("error", () => undefined);
    stream.on("data", () => stream.end(frame(8, Buffer.from([3, 232]))));
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

/** One whole message. */
function frame(kind: number, data: Buffer): Buffer {
  const length = data.length < 126 ? Buffer.from([data.length]) : Buffer.from([126, data.length >> 8, data.length & 255]);
  return Buffer.concat([Buffer.from([0x80 | kind]), length, data]);
}
