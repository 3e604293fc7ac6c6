import { expect, test } from "vitest";
import { reachedOf } from "../../operations/status/reach.ts";

test("where no name can be looked up here, a silent host is not seen; else it is unwell", async () => {
  const silent = { url: "https://api.example.com/healthz", healthy: false, answer: "ENOTFOUND" };
  const other = { url: "https://api.example.com/readyz", healthy: false, answer: "no answer in 5 s" };
  const answered = { url: "https://www.example.com/", healthy: false, answer: "503" };
  const here = { url: "http://api.localhost:8080/healthz", healthy: false, answer: "ECONNREFUSED" };
  const all = [silent, answered, other, here];
  expect(await reachedOf(all, () => Promise.resolve("ENOTFOUND"))).toEqual({
    health: [answered, here],
    unseen: "api.example.com: no name of the internet can be looked up here (ENOTFOUND)",
  });
  expect(await reachedOf(all, () => Promise.resolve(undefined))).toEqual({ health: all });
  // Nobody is asked where every host has answered.
  const never = () => Promise.reject(new Error("asked"));
  expect(await reachedOf([answered, here], never)).toEqual({ health: [answered, here] });
});
