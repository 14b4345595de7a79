import { problemLines } from '../../platform/config-yaml.ts';
import type { Problem } from '../../platform/yaml-document.ts';

/** Everything that is wrong with a template; `message` has one line for each problem. */
export class TemplateErrors extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problemLines(problems));
    this.name = 'TemplateErrors';
    this.problems = problems;
  }
}

/** In the order of the text, each once. Throws where there are any. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const once = new Map(problems.map((each) => [problemLines([each]), each]));
  const place = ({ line = 0, column = 0 }: Problem) => line * 10_000 + column;
  throw new TemplateErrors(
    [...once.values()].toSorted((a, b) => a.file.localeCompare(b.file) || place(a) - place(b)),
  );
}
