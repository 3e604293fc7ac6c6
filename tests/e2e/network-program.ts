// A Pulumi program with a network of a Docker host, which is cut off from the outside or not.
import { Network } from "@pulumi/docker/network.js";
import { Provider } from "@pulumi/docker/provider.js";

const provider = new Provider("docker", { host: "unix:///var/run/docker.sock" });
const internal = process.env["NETWORK"] === "internal";
new Network("vault", { name: "vault", driver: "overlay", internal }, { provider });
