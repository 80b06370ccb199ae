import type { Proposal } from '@interlock/contracts';
import type { AgentHistory, AgentRound, Recorded } from './agent.rounds.js';
import type { Output } from './output.js';

type Fact = readonly [name: string, value: string | undefined];

/** Each agent step: who acts and why, then round by round what was proposed, weighed, judged and done. */
export function showAgents(agents: readonly AgentHistory[], output: Output): void {
  for (const agent of agents) {
    output.line();
    output.sentence(`agent ${agent.step}: ${actorText(agent)}`);
    for (const round of agent.rounds) {
      output.line(output.style('dim', `  ${headOf(round)}`));
      output.facts(factsOf(round).map(([name, value]) => [`    ${name}`, value] as const));
    }
  }
}

/** `a model acts (assisted, openai/one): INTERLOCK_AUTONOMY is assisted`, and how it came to its end. */
function actorText({ level, model, why, fellBack, via }: AgentHistory): string {
  const named = [level, ...(model === undefined ? [] : [model])].join(', ');
  const acts = level === 'assisted' ? 'a model acts, and people approve its calls' : 'rules act';
  const beside = level === 'shadow' ? ', and a model plans beside them' : '';
  const end = fellBack === undefined ? endText[via ?? ''] : `the rules took over: ${fellBack}`;
  return `${acts}${beside} (${named}; ${why})${end === undefined ? '' : `; ${end}`}`;
}

const endText: Readonly<Record<string, string>> = {
  agent: 'its output is the model’s',
  baseline: 'its output is that of the rules',
};

/** `round 2, openai/one, once more: 812 + 90 tokens, $0.0021, 412 ms` */
function headOf({ round, attempt, purpose, model, recorded }: AgentRound): string {
  const how = {
    act: [],
    reflect: ['looks at its output again'],
    shadow: ['in shadow: nothing of it is done'],
  };
  const again = attempt > 1 ? [`attempt ${attempt}`] : [];
  const cost = recorded === undefined ? ['no answer yet'] : costOf(recorded);
  return [`round ${round}`, model, ...how[purpose], ...again, ...cost].join(', ');
}

function costOf({ usage, charged, tookMs }: Recorded): string[] {
  const tokens =
    usage === undefined
      ? `${charged.tokens} tokens charged, because nobody knows how many were used`
      : `${usage.inputTokens} + ${usage.outputTokens} tokens`;
  return [
    tokens,
    `$${charged.costUsd.toFixed(4)}`,
    ...(tookMs === undefined ? [] : [`${Math.round(tookMs)} ms`]),
  ];
}

function factsOf({ recorded, verdicts, observed, heard }: AgentRound): Fact[] {
  return [
    ...(recorded === undefined ? [] : answerFacts(recorded)),
    ...verdicts.map(
      ({ about, verdict, policies, reason }): Fact => [
        'policy',
        `${about}: ${verdict} (${policies.join(', ') || 'no policy'}): ${reason}`,
      ],
    ),
    ...observed.map(({ tool, arguments: given, result, output, failure }): Fact => {
      const came = failure === undefined ? output : `${failure.code}: ${failure.message}`;
      return [
        'did',
        `${tool} ${JSON.stringify(given)}: ${result}${came === undefined ? '' : ` ${textOf(came)}`}`,
      ];
    }),
    ['heard', heard],
  ];
}

function answerFacts({ outcome, agrees }: Recorded): Fact[] {
  if (outcome.kind === 'failed') {
    return [['no plan', `${outcome.failure.code}: ${outcome.failure.message}`]];
  }
  const { proposal } = outcome;
  return [
    ...proposedFacts(proposal),
    ['confidence', proposal.confidence.toFixed(2)],
    ['reasoning', proposal.reasoning === '' ? undefined : proposal.reasoning],
    ...proposal.evidence.map((text): Fact => ['evidence', text]),
    ...proposal.alternatives.map(
      ({ description, score }): Fact => ['instead', `${score.toFixed(2)} ${description}`],
    ),
    ['the rules', agrees === undefined ? undefined : agrees ? 'gave the same output' : 'gave another output'],
  ];
}

function proposedFacts({ calls, output, question }: Proposal): Fact[] {
  const proposed = calls.map(({ tool, arguments: given, occurrence }): Fact => {
    const again = occurrence > 1 ? ` for the ${occurrence}. time` : '';
    return ['proposes', `${tool} ${JSON.stringify(given)}${again}`];
  });
  if (question !== undefined) return [...proposed, ['asks', question]];
  if (output !== undefined) return [...proposed, ['proposes', `the output ${JSON.stringify(output)}`]];
  return proposed.length > 0 ? proposed : [['proposes', 'nothing']];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
