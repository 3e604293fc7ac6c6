// `ask.ts <host> <path> <requests a second>`: asks the proxy until its input ends, then prints what came back as JSON. Without a
// number it asks once, and prints the answer.
import { request } from "node:http";

const [host = "", path = "/", rate] = process.argv.slice(2);

function ask(method: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: 80, path, method, headers: { host }, agent: false, timeout: 15_000 }, (response) => {
      let body = "";
      response.on("data", (data: Buffer) => (body += data.toString()));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.once("error", reject);
    });
    sent.once("timeout", () => sent.destroy(new Error("no answer in 15 s")));
    sent.once("error", reject);
    sent.end();
  });
}

if (rate === undefined) {
  process.stdout.write(JSON.stringify(await ask("GET")));
} else {
  const counts = { total: 0, failed: [] as string[], bodies: {} as Record<string, number> };
  const open = new Set<Promise<void>>();
  const timer = setInterval(
    () => {
      counts.total++;
      const one = ask("POST").then(
        ({ status, body }) => {
          if (status === 200) counts.bodies[body] = (counts.bodies[body] ?? 0) + 1;
          else counts.failed.push(String(status));
        },
        (error: unknown) => void counts.failed.push(String(error)),
      );
      open.add(one);
      void one.finally(() => open.delete(one));
    },
    1000 / Number(rate),
  );
  process.stdin.resume().once("end", () => {
    clearInterval(timer);
    void Promise.all(open).then(() => process.stdout.write(JSON.stringify(counts)));
  });
}
