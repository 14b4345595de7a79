/** The template's validations, in a machine. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ValidationResult } from '../../registry/version.ts';
import { quoted } from '../../ssh/quoted.ts';
import type { RemoteShell } from '../../ssh/remote-shell.ts';
import type { Template, Validation } from '../../templates/template.ts';
import type { BuildContext } from '../build.ts';
import { type MachinePlace, withShell } from '../machine-shell.ts';
import type { BuildParts } from '../parts.ts';

const longestOutput = 4_000;
const retryMs = 2_000;

/** Throws where one fails, with all that fail. Each is tried again for so long: a service may be starting. */
export async function checkMachine(
  parts: BuildParts,
  context: Pick<BuildContext, 'signal' | 'tell'> & {
    readonly input: { readonly template: Pick<Template, 'validations'> };
  },
  place: MachinePlace,
): Promise<readonly ValidationResult[]> {
  const { validations } = context.input.template;
  const results = await withShell(parts, context, place, async (shell) => {
    const all: ValidationResult[] = [];
    const deadline = performance.now() + parts.checkPatienceMs;
    for (const validation of validations) {
      let result = await runValidation(shell, validation, context.signal);
      while (result.status === 'failed' && performance.now() < deadline) {
        await delay(retryMs, undefined, { signal: context.signal });
        result = await runValidation(shell, validation, context.signal);
      }
      context.tell({ type: 'check', ...result });
      all.push(result);
    }
    return all;
  });
  const failed = results.filter(({ status }) => status === 'failed');
  if (failed.length > 0)
    throw new Error(failed.map(({ name, error }) => `'${name}' fails: ${error}`).join('; '));
  return results;
}

async function runValidation(
  shell: RemoteShell,
  validation: Validation,
  signal: AbortSignal,
): Promise<ValidationResult> {
  const { name, command, environment, timeoutMs } = validation;
  const variables = Object.entries(environment).map(([key, value]) => `${key}=${quoted(value)} `);
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const { status, stdout, stderr } = await shell.exec(
      `sudo -n -H env ${variables.join('')}sh -c ${quoted(command)}`,
      { signal: AbortSignal.any([signal, deadline]) },
    );
    const output = stdout.trim().slice(-longestOutput);
    const problem = problemOf(validation, status, output, stderr.trim().slice(-longestOutput));
    if (problem === undefined) return { name, status: 'passed', output };
    return { name, status: 'failed', output, error: problem };
  } catch (error) {
    if (!deadline.aborted) throw error;
    return { name, status: 'failed', output: '', error: `it took longer than ${timeoutMs / 1000} s` };
  }
}

/** Undefined where all that was expected holds. */
export function problemOf(
  { expected, expectedContains, matches, status: wanted }: Validation,
  status: number,
  output: string,
  errors: string,
): string | undefined {
  const shown = output === '' ? 'nothing' : `'${output.slice(0, 300)}'`;
  const said = errors === '' ? '' : `; it said: ${errors.slice(-300)}`;
  if (status !== (wanted ?? 0)) return `status ${status}, expected ${wanted ?? 0}${said}`;
  if (expected !== undefined && output !== expected.trim()) return `${shown}, expected '${expected.trim()}'`;
  if (expectedContains !== undefined && !output.includes(expectedContains)) {
    return `${shown} does not contain '${expectedContains}'`;
  }
  if (matches !== undefined && !new RegExp(matches).test(output))
    return `${shown} does not match /${matches}/`;
  return undefined;
}
