import { createSocket } from "node:dgram";

/** Kind of record → name → what it says. */
export type Zone = Readonly<Record<"NS" | "CNAME" | "A" | "AAAA", Readonly<Record<string, readonly string[]>>>>;

const kinds: Readonly<Record<number, keyof Zone>> = { 1: "A", 2: "NS", 5: "CNAME", 28: "AAAA" };

/** A name server on loopback that knows these names and no other. Its address is for `Resolver.setServers`. */
export async function nameServer(
  zone: Zone,
): Promise<{ readonly address: string; readonly asked: string[]; close(): Promise<void> } & AsyncDisposable> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (message, from) => {
    const { name, kind, end } = question(message);
    asked.push(name);
    const known = Object.values(zone).some((names) => Object.hasOwn(names, name));
    const answers = (kind === undefined ? undefined : zone[kind][name]) ?? [];
    const header = Buffer.alloc(12);
    message.copy(header, 0, 0, 2);
    // An answer, recursion was there; 3: no such name.
    header.writeUInt16BE(0x8180 | (known ? 0 : 3), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const records = answers.map((answer) =>
      record(message.readUInt16BE(end - 4), kind === "A" ? Buffer.from(answer.split(".").map(Number)) : written(answer)),
    );
    socket.send(Buffer.concat([header, message.subarray(12, end), ...records]), from.port, from.address);
  });
  await new Promise<void>((ready) => socket.bind(0, "127.0.0.1", ready));
  const close = (): Promise<void> => new Promise((closed) => socket.close(closed));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function question(message: Buffer): { name: string; kind: keyof Zone | undefined; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), kind: kinds[message.readUInt16BE(at + 1)], end: at + 5 };
}

const written = (name: string): Buffer =>
  Buffer.concat(
    [...name.replace(/\.$/, "").split("."), ""].map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
  );

/** About the name of the question. */
function record(kind: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(kind, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
