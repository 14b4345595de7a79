/** Steps and validations as a build runs them: files hashed, parameters handed out, defaults filled in. */
import type { Problem } from '../../platform/yaml-document.ts';
import type { Merged, Placed } from './merge.ts';
import type { ParametersInForce } from './parameters.ts';
import { filesToCopy, inputFiles, scriptText } from './step-files.ts';
import type { TemplateStep, Validation } from './template.ts';

const stepTimeoutMs = 2 * 3_600_000;
const validationTimeoutMs = 10 * 60_000;

type Step = Merged['steps'][number]['value'];

export interface ResolvedStep {
  readonly step: TemplateStep;
  /** Absolute. */
  readonly reads: readonly string[];
}

export async function resolveStep(
  placed: Placed<Step>,
  inForce: ParametersInForce,
  problems: Problem[],
): Promise<ResolvedStep> {
  const { value, layer, path } = placed;
  const found = <T>(field: string, index: number, work: Promise<readonly T[]>) =>
    work.catch((error: Error) => {
      problems.push(layer.document.problem([...path, field, index], error.message));
      return [];
    });
  const [files, inputs] = await Promise.all([
    Promise.all(
      (value.files ?? []).map((file, at) => found('files', at, filesToCopy(layer.directory, file))),
    ),
    Promise.all(
      (value.inputs ?? []).map((input, at) => found('inputs', at, inputFiles(layer.directory, input))),
    ),
  ]);
  const scripts = await Promise.all(files.flat().map(({ source }) => scriptText(source)));
  const { environment, secrets } = variablesFor([value.run, ...scripts], inForce);
  const step = {
    name: value.name,
    run: value.run,
    files: files.flat(),
    inputs: inputs.flat().map(({ input }) => input),
    environment,
    secrets,
    timeoutMs: value.timeout ?? stepTimeoutMs,
    cache: cacheOf(value.cache),
    file: layer.file,
    line: layer.document.problem(path, '').line ?? 1,
  };
  const reads = [...files.flat().map(({ source }) => source), ...inputs.flat().map(({ file }) => file)];
  return { step, reads };
}

export function resolveValidation(
  { value, layer, path }: Merged['validations'][number],
  inForce: ParametersInForce,
  problems: Problem[],
): Validation {
  const { name, command, expected, expected_contains: expectedContains, matches, status, timeout } = value;
  if (matches !== undefined && !isRegularExpression(matches)) {
    problems.push(layer.document.problem([...path, 'matches'], `'${matches}' is no regular expression`));
  }
  return {
    name,
    command,
    ...(expected === undefined ? {} : { expected }),
    ...(expectedContains === undefined ? {} : { expectedContains }),
    ...(matches === undefined ? {} : { matches }),
    ...(status === undefined ? {} : { status }),
    environment: variablesFor([command], inForce).environment,
    timeoutMs: timeout ?? validationTimeoutMs,
  };
}

/** The parameters that a script names; the others it never sees, so a change of theirs doesn't run it again. */
function variablesFor(texts: readonly string[], { values, secretFiles }: ParametersInForce) {
  const named = (name: string) => texts.some((text) => new RegExp(`\\b${name}\\b`).test(text));
  const environment = Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => named(name))
      .map(([name, value]) => [name, String(value)]),
  );
  const secrets = Object.entries(secretFiles)
    .filter(([name]) => named(name))
    .map(([name, file]) => ({ name, file }));
  return { environment, secrets };
}

function cacheOf(given: Step['cache']): TemplateStep['cache'] {
  if (typeof given !== 'object') return { use: given === undefined || given === true };
  const { no = false, max_age: maxAgeMs } = given;
  return { use: !no, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) };
}

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
