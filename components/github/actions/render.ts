import { Document, isMap, isScalar, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { Workflow } from "./model.ts";
import { documentOf, Remarked, type Node } from "./document.ts";

/**
 * The workflow as the file that GitHub reads: the same text for the same workflow, in the order in which people read one. `source` says
 * where a change belongs.
 */
export function renderWorkflow(workflow: Workflow, source: string): string {
  const document = new Document();
  document.contents = toYaml(documentOf(workflow));
  document.commentBefore = ` Generated from ${source}: a change here is overwritten. Change that file, then: npm run generate`;
  spread(document.contents);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function toYaml(node: Node): Scalar | YAMLMap | YAMLSeq {
  if (node instanceof Remarked) return Object.assign(new Scalar(node.value), { comment: ` ${node.remark}` });
  if (Array.isArray(node)) {
    const list = new YAMLSeq();
    list.items = node.map(toYaml);
    // Short lists of words read better in a line.
    list.flow = node.length > 0 && node.every((item) => typeof item !== "object" && String(item).length <= 40);
    return list;
  }
  if (typeof node === "object") {
    const map = new YAMLMap();
    for (const [key, value] of Object.entries(node)) map.items.push(new Pair(new Scalar(key), toYaml(value)));
    if (map.items.length === 0) map.flow = true;
    return map;
  }
  const scalar = new Scalar(node);
  if (typeof node === "string" && node.includes("\n")) scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}

/** A blank line before each part of the file and each job. */
function spread(contents: unknown): void {
  if (!isMap(contents)) return;
  for (const [i, { key, value }] of contents.items.entries()) {
    if (i > 0 && isScalar(key)) key.spaceBefore = true;
    if (!isScalar(key) || key.value !== "jobs" || !isMap(value)) continue;
    for (const [j, job] of value.items.entries()) if (j > 0 && isScalar(job.key)) job.key.spaceBefore = true;
  }
}
