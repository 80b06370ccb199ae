import { expect, test } from 'vitest';
import { answeredAsAsked } from './i21-answer.invariant.js';
import { readingOfRun, type Told } from './told.run.js';

const schema = {
  type: 'object',
  required: ['amount'],
  additionalProperties: false,
  properties: { amount: { type: 'integer', minimum: 0 } },
};
const steps = [
  { id: 'lines', kind: 'forEach', body: { steps: [{ id: 'fill', kind: 'form', form: { schema } }] } },
];
const started: Told = [0, 'run.started', { compiled: { steps } }];

const migrated: Told = [
  20,
  'run.migrated',
  { compiled: { steps: [{ ...steps[0], id: 'rows' }] }, map: { lines: 'rows' } },
];

const lea = { sub: 'lea', roles: ['lead'] };
const eve = { sub: 'eve', roles: ['clerk'] };
const olga = { sub: 'olga', roles: ['operator'] };

const opened = (step = 'lines[0]/fill'): Told => [10, 'form.opened', { step, until: 100, roles: ['lead'] }];
const answered = (change: object = {}, at = 50): Told => [
  at,
  'form.answered',
  { step: 'lines[0]/fill', by: lea, value: { amount: 7 }, ...change },
];

const asked: Told = [10, 'question.asked', { step: 'talk', to: 'ada', until: 100 }];
const questionId = 'run/2';
const replied = (change: object = {}, at = 50): Told => [
  at,
  'question.answered',
  { questionId, step: 'talk', by: { sub: 'ada', roles: [] }, value: 'yes', ...change },
];
const unanswered = (at: number): Told => [at, 'question.unanswered', { questionId, step: 'talk' }];

const problems = (...told: readonly Told[]): string[] =>
  answeredAsAsked(readingOfRun(started, ...told)).map(({ message }) => message);

test.each<[string, Told[]]>([
  ['a form that one of its roles answers in time', [opened(), answered()]],
  ['a form that is opened once more, and answered each time', [opened(), answered(), opened(), answered()]],
  ['a form that nobody answers', [opened()]],
  [
    'two turns, each with its form',
    [opened(), opened('lines[1]/fill'), answered(), answered({ step: 'lines[1]/fill' })],
  ],
  ['a question that whom it is for answers', [asked, replied()]],
  ['a question that an operator answers for them', [asked, replied({ by: olga })]],
  ['a question that an event of elsewhere answers', [asked, replied({ by: eve, trigger: 'mail' })]],
  ['a question that is given up at its end', [asked, unanswered(100)]],
  [
    'a form of a step that is called otherwise in another version',
    [opened(), migrated, answered({ step: 'rows[0]/fill' })],
  ],
])('healthy: %s', (_, told) => {
  expect(problems(...told)).toEqual([]);
});

test.each<[string, Told[], RegExp]>([
  ['a form that nobody has opened', [answered()], /is answered, and is not open/],
  ['a form that is answered twice', [opened(), answered(), answered()], /is answered, and is not open/],
  [
    'a form of another turn',
    [opened('lines[1]/fill'), answered()],
    /lines\[0\]\/fill is answered, and is not open/,
  ],
  ['a form after its end', [opened(), answered({}, 100)], /is answered after its end/],
  [
    'a form by somebody with none of its roles',
    [opened(), answered({ by: eve })],
    /eve, who has none of lead/,
  ],
  ['a form with a field that is missing', [opened(), answered({ value: {} })], /does not want/],
  [
    'a form with a field that it does not have',
    [opened(), answered({ value: { amount: 1, more: 1 } })],
    /does not want/,
  ],
  [
    'a form with a number that is too small',
    [opened(), answered({ value: { amount: -1 } })],
    /does not want/,
  ],
  ['a form with a text for a number', [opened(), answered({ value: { amount: '7' } })], /does not want/],
  ['a form with nothing', [opened(), answered({ value: null })], /does not want/],
  ['a question that nobody has asked', [replied()], /run\/2 is answered, and is not open/],
  ['a question that is answered twice', [asked, replied(), replied()], /is answered, and is not open/],
  ['a question after its end', [asked, replied({}, 100)], /is answered after its end/],
  ['a question by somebody else', [asked, replied({ by: eve })], /is for ada, and eve has answered it/],
  ['a question that is given up too early', [asked, unanswered(99)], /is given up before its end/],
  [
    'a question that is given up after its answer',
    [asked, replied(), unanswered(100)],
    /is given up, and is not open/,
  ],
])('found: %s', (_, told, message) => {
  expect(problems(...told)).toContainEqual(expect.stringMatching(message));
});
