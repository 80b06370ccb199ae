// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { readDocument } from '@interlock/language';
import { expect, test } from 'vitest';
import { graphDot, graphOf, graphText } from './workflow.graph.js';

const document = `
workflow: orders
version: 1
purpose: Pack what was ordered.
input: { type: object, properties: { lines: { type: array } } }
steps:
  order: { wait: { for: 1s } }
  lines:
    needs: [order]
    forEach: { in: "\${input.lines}", as: line }
    steps:
      price: { wait: { for: 1s } }
      route:
        needs: [price]
        switch:
          - when: line == "a"
            steps: { air: { wait: { for: 1s } } }
          - otherwise: true
            steps: { road: { wait: { for: 1s } } }
  all: { needs: [lines], wait: { for: 1s } }
`;

function graph(text: string) {
  const read = readDocument(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return graphOf(read.document);
}

test('what stands in a step hangs below it, with when it runs', () => {
  expect(graphText(graph(document).nodes)).toEqual([
    'order  wait 1s',
    '└─ lines  forEach ${input.lines}',
    '   ├─ each line:',
    '   │  └─ lines/price  wait 1s',
    '   │     └─ lines/route  switch',
    '   │        ├─ if line == "a":',
    '   │        │  └─ lines/route/air  wait 1s',
    '   │        └─ otherwise:',
    '   │           └─ lines/route/road  wait 1s',
    '   └─ all  wait 1s',
  ]);
});

test('for Graphviz, each body is a cluster', () => {
  const lines = graphDot('orders@1', graph(document).nodes);
  expect(lines.filter((line) => line.includes('subgraph'))).toHaveLength(3);
  expect(lines).toContain('  "lines/price" -> "lines/route";');
  expect(lines).toContain('  "lines" -> "lines/price" [style=dotted];');
});

test('a circle in a body is found', () => {
  const circle = document.replace('price: { wait', 'price: { needs: [route], wait');
  expect(graph(circle).cycles).toEqual([['lines/price', 'lines/route', 'lines/price']]);
});
