export type { CatalogueTool, CatalogueWorkflow, LanguageCatalogue } from './catalogue.js';
export { classificationAt } from './classified.js';
export { childOutput } from './compile.child.js';
export { type Compilation, compileWorkflow } from './compile.js';
export type * from './compiled.js';
export { bodiesOf, everyStepIn, mapSteps, stepsByName, stepsOf } from './compiled.walk.js';
export { type Decision, decideByTable } from './decide.js';
export { tableEditorSchema, workflowEditorSchema } from './document.editor.js';
export { type ReadDocument, readDocument } from './document.read.js';
export { type WorkflowDocument, workflowDocument } from './document.schema.js';
export { type EditorSchema, editorSchema } from './editor.schema.js';
export { ExpressionError } from './expression.error.js';
export { evaluate, evaluateCondition, type Scope, type StepScope } from './expression.js';
export { RunFilterError } from './filter/filter.error.js';
export {
  atomsOf,
  type Comparison,
  conjunctsOf,
  type FilterValue,
  isManyField,
  isSearchField,
  type RunAtom,
  type RunField,
  type RunPredicate,
} from './filter/predicate.js';
export { FILTER_CHARS_MAX, parseRunFilter } from './filter/run.filter.js';
export { type Flow, type FlowStep, flowOf } from './flow.js';
export { buildGraph } from './graph.js';
export { factsFrom, factsIn, factsOf, type InfluenceFacts, noFacts, withFact } from './influence.facts.js';
export {
  influenceOn,
  influenceOnCall,
  influenceOnCompletion,
  influenceOnOutcome,
} from './influence.js';
export { influencersOf } from './influence.static.js';
export { parseInstant } from './instant.js';
export { limits } from './limits.js';
export { type Parsed, parseSource } from './parse.js';
export { formatPath, type Locate, type Path, type Problem, problemList, type Report } from './problem.js';
export {
  type CatalogueScope,
  type FindArtifact,
  type NamedArtifact,
  publishedCatalogue,
  tableDocumentOf,
} from './published.catalogue.js';
export { type ChooseAlternative, reportIssues } from './schema.problems.js';
export { SEARCH_NAME, SEARCH_TEXT_CHARS_MAX } from './search.schema.js';
export type { StepSource, TableSource, WorkflowSource } from './source.types.js';
export { type StepKind, stepKinds } from './step/index.js';
export { compileTable, type TableCompilation } from './table.compile.js';
export { type DecisionTable, type TableDocument, tableDocument } from './table.schema.js';
export { resolve } from './template.js';
export { TopicEventError } from './trigger/record.value.js';
export { eventIn, type TopicPlace, type TopicRecord } from './trigger/topic.event.js';
export { checkTrigger } from './trigger/trigger.check.js';
export { type Triggered, triggered } from './trigger/trigger.js';
