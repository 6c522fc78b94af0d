import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PATIENCE_MS = 8 * 60_000;
const RATES = [
  "ANON",
  "USER",
  "LOGIN",
  "REGISTER",
  "UPLOADS",
  "ACCOUNT_MAIL",
  "SUGGESTIONS",
  "WRITING",
  "PUSH",
  "WS_TICKET",
  "CHATBOT",
];

/** Starts the stack, with the demo's data, on a port and in a folder of its own; returns how to end it. */
export default async function startStack() {
  if (process.env.E2E_URL) return;
  const data = join(ROOT, "var", "e2e");
  mkdirSync(join(data, "log"), { recursive: true });
  const log = join(data, "log", "stack.log");
  const stack = spawn(
    join(ROOT, ".venv", "bin", "python"),
    [
      ...["-m", "multitask.devstack", "up", "--port", "8123", "--flower-port", "5623"],
      // Pictures are of the demo alone, not of what journeys left behind.
      ...(process.env.E2E_FRESH ? ["--fresh", "--yes"] : []),
    ],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        MULTITASK_VAR: data,
        PYTHONPATH: `${join(ROOT, "platform")}:${ROOT}`,
        // One address plays many people here.
        ...Object.fromEntries(RATES.map((name) => [`THROTTLE_${name}`, "100000/minute"])),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const kept = createWriteStream(log);
  stack.stdout.pipe(kept);
  stack.stderr.pipe(kept);
  let said = "";
  stack.stdout.on("data", (more: Buffer) => (said += more.toString()));
  const ended = new Promise<void>((done) => stack.on("exit", () => done()));
  const until = Date.now() + PATIENCE_MS;
  // Said when everything answers and the demo is there.
  while (!/Up after/.test(said)) {
    if (stack.exitCode !== null || Date.now() > until) {
      stack.kill("SIGTERM");
      await ended;
      throw new Error(`The stack did not start, see ${log}:\n${readFileSync(log, "utf8").slice(-2000)}`);
    }
    await new Promise((done) => setTimeout(done, 250));
  }
  return async () => {
    stack.kill("SIGTERM");
    await ended;
  };
}
