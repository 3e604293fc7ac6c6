// The same resources as own.ts, registered without groundwork.
import { Project } from "@pulumi/digitalocean/project.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";

const sets = Number(process.env.BENCH_RESOURCES) / 10;

for (let set = 0; set < sets; set++) {
  const parent = new pulumi.ComponentResource("groundwork:components:SecretSet", `set-${set}`, {});
  for (let index = 0; index < 9; index++) {
    const inputs = { length: 43, special: false, keepers: { generation: "1" } };
    new RandomPassword(`set-${set}-secret-${index}`, inputs, { parent });
  }
}
for (const name of ["failed-releases", "releases"]) new pulumi.ComponentResource("groundwork:components:ReleaseRecord", name, {});
new Project("project", {
  name: "template-staging",
  description: "template, staging",
  purpose: "Web Application",
  environment: "Staging",
  resources: [],
});

export default {};
