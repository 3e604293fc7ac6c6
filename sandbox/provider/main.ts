// A provider plugin: `main.ts <provider> <version> <folder of the stored cloud> [engine address]`. Prints the port it serves on.
import { enableCompileCache } from "node:module";

enableCompileCache();

const [provider = "", version = "", folder = ""] = process.argv.slice(2);

// A killed engine cannot tell its plugins. They notice that they have got another parent, and end at once: whatever
// they would still do, no state would know of it.
const engine = process.ppid;
const watch = setInterval(() => {
  if (process.ppid !== engine || engine === 1) process.kill(process.pid, "SIGKILL");
}, 50);
watch.unref();

const { CloudStore } = await import("../cloud/store.ts");
const { Provider } = await import("./provider.ts");
const { serve } = await import("./server.ts");

const { readDockerSettings } = await import("../docker/settings.ts");

const docker = provider === "docker" ? readDockerSettings(process.env) : undefined;
const backing = docker && new (await import("../docker/engine.ts")).DockerEngine(docker);
const port = await serve(new Provider(provider, new CloudStore(folder), backing), version);
process.stdout.write(`${port}\n`);
