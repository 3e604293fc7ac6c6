// A process that writes a comment: `node comment-process.ts <number> <marker> <text>`, with the environment of a workflow.
import { openGitHub } from "../../../operations/github/client.ts";
import { stickyComment } from "../../../operations/github/sticky-comment.ts";
import { hurried } from "./hurried.ts";

const [number, marker = "", text = ""] = process.argv.slice(2);
console.log(await stickyComment(await openGitHub(process.env, hurried), Number(number), marker, text));
