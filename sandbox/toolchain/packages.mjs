// The packages of package-lock.json in node_modules: installed when they are missing, were installed from another lock file or for another
// platform, or when an installation was broken off.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToolchainError, repository, runQuietly, step, withLock } from "./common.mjs";
import { npmInstall, withNodeFirst } from "./node.mjs";

/** Installs the packages of the repository (or another `root`) if needed. */
export async function ensurePackages(node, root = repository) {
  if (isInstalled(root)) return;
  await withLock(join(root, ".sandbox", "toolchain", "packages.lock"), "installing packages", async () => {
    if (isInstalled(root)) return;
    // `npm install`, or an `npm ci` by hand, has no stamp but may well be right.
    if (!agrees(root)) {
      try {
        await step("installing packages (npm ci)", () =>
          runQuietly("npm", [...npmInstall, "ci", ...complete], { cwd: root, env: withNodeFirst(node) }),
        );
      } catch (error) {
        throw new ToolchainError(
          `The packages could not be installed:\n  ${error.message}\nThe npm registry must be reachable; then run it again.`,
        );
      }
    }
    mkdirSync(join(root, "node_modules"), { recursive: true });
    writeFileSync(stampOf(root), wantedStamp(root));
  });
}

/** Also where NODE_ENV=production or the user's npm settings would leave some out. */
const complete = ["--include=dev", "--include=optional"];

const stampOf = (root) => join(root, "node_modules", ".groundwork-installed");

const wantedStamp = (root) =>
  `${process.platform}-${process.arch} ${createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex")}\n`;

/** The stamp is written last and goes with node_modules, so an installation that was broken off has none. */
function isInstalled(root) {
  try {
    return readFileSync(stampOf(root), "utf8") === wantedStamp(root);
  } catch {
    return false;
  }
}

/** Whether what npm wrote down at the end of its last installation is what the lock file asks for on this platform. */
function agrees(root) {
  try {
    const [wanted, installed] = ["package-lock.json", "node_modules/.package-lock.json"].map(
      (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages,
    );
    // An optional package may be missing, unless it names this very platform.
    const isOurs = ({ os, cpu, libc }) =>
      (os || cpu) && (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch)) && !libc?.includes("musl");
    const isComplete = Object.entries(wanted).every(([path, entry]) => {
      const found = installed[path];
      if (!path) return true;
      if (found?.link) return entry.link;
      return found ? found.version === entry.version && found.integrity === entry.integrity : entry.optional && !isOurs(entry);
    });
    return isComplete && Object.keys(installed).every((path) => path in wanted);
  } catch {
    return false;
  }
}
