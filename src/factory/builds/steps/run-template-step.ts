/** One step of the template: its files go up, its script runs detached in the machine, its output is followed. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { saveLayer } from '../../cache/save-layer.ts';
import { stepKeys } from '../../cache/step-keys.ts';
import {
  type DetachedEnd,
  emptyDetached,
  followDetached,
  hasBegun,
  must,
  startDetached,
} from '../../ssh/detached.ts';
import { quoted } from '../../ssh/quoted.ts';
import type { RemoteShell } from '../../ssh/remote-shell.ts';
import type { StepFile, TemplateStep } from '../../templates/template.ts';
import type { SetUpContext, StepDone } from '../build.ts';
import { openShell, withShell } from '../machine-shell.ts';
import { outputLines } from '../output-lines.ts';
import type { BuildParts } from '../parts.ts';

/** In the guest; removed when it is cleaned. */
export const guestFolder = '/var/tmp/ingot-build';

export async function runTemplateStep(
  parts: BuildParts,
  context: SetUpContext,
  position: number,
): Promise<StepDone> {
  const step = context.input.template.steps[position];
  const key = stepKeys(context.input, context.result('base'))[position];
  if (step === undefined || key === undefined) throw new Error(`The template has no step ${position + 1}`);
  if (position < context.result('start').cachedSteps) {
    context.tell({ type: 'detail', text: 'cached' });
    return { key, cached: true, durationMs: 0 };
  }
  const began = performance.now();
  const end = await runInGuest(parts, context, step, position);
  if (end.kind !== 'exited' || end.status !== 0) throw new Error(failureOf(step, end));
  const durationMs = Math.round(performance.now() - began);
  await saveLayer(parts, context, position);
  return { key, cached: false, durationMs };
}

async function runInGuest(
  parts: BuildParts,
  context: SetUpContext,
  step: TemplateStep,
  position: number,
): Promise<DetachedEnd> {
  const place = { at: context.result('ssh'), keyFile: context.result('access').keyFile };
  const directory = `${guestFolder}/${context.runId}-${position}`;
  const secrets = await secretsOf(step);
  const offset = await withShell(parts, context, place, async (shell) => {
    if (await hasBegun(shell, directory)) return await toldBefore(parts, context.runId, step.name);
    for (const file of step.files) await upload(shell, file);
    const environment = { ...step.environment, ...secrets };
    await startDetached(shell, { directory, script: step.run, environment, timeoutMs: step.timeoutMs });
    return 0;
  });
  const lines = outputLines(
    Object.values(secrets).filter((secret) => secret !== ''),
    (told, upTo) => context.tell({ type: 'output', step: step.name, lines: told, offset: upTo }),
  );
  const end = await followDetached(
    () => openShell(parts, context, place),
    { directory, timeoutMs: step.timeoutMs },
    { offset, onOutput: lines.add, signal: context.signal },
  );
  lines.end();
  // A failed one is run anew when the build is resumed; its script and output stay beside it for a look.
  await withShell(parts, context, place, async (shell) => {
    const failed = `${directory}.failed`;
    if (end.kind === 'exited' && end.status === 0) await emptyDetached(shell, directory);
    else await must(shell, `sudo -n sh -c ${quoted(`rm -rf ${failed}; mv ${directory} ${failed}`)}`);
  });
  return end;
}

async function secretsOf({ secrets }: TemplateStep): Promise<Readonly<Record<string, string>>> {
  const read = secrets.map(async ({ name, file }) => [
    name,
    (await readFile(file, 'utf8')).replace(/\n$/, ''),
  ]);
  return Object.fromEntries(await Promise.all(read));
}

/** How far the output was told before this process began to follow it. */
async function toldBefore(parts: BuildParts, runId: string, step: string): Promise<number> {
  const entries = await parts.journals.read(runId);
  const begun = entries.findLastIndex(({ event }) => event.type === 'step' && event.state === 'failed');
  const told = entries.slice(begun + 1).filter(({ event }) => event.type === 'output' && event.step === step);
  return Number(told.at(-1)?.event.offset ?? 0);
}

async function upload(shell: RemoteShell, file: StepFile): Promise<void> {
  const digest = await sha256(file.source);
  if (digest !== file.digest) {
    throw new Error(
      `${file.source} has changed since the build began. Start the build again to have it as it is now`,
    );
  }
  const { target } = file;
  const part = `${dirname(target)}/.${basename(target)}.ingot`;
  const script = `umask 022; mkdir -p ${quoted(dirname(target))} && cat > ${quoted(part)} && chmod ${file.mode.toString(8)} ${quoted(part)} && mv ${quoted(part)} ${quoted(target)}`;
  const { status, stderr } = await shell.exec(`sudo -n sh -c ${quoted(script)}`, {
    input: createReadStream(file.source),
  });
  if (status !== 0) throw new Error(`${file.source} could not be copied to ${target}: ${stderr.trim()}`);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function failureOf(step: TemplateStep, end: DetachedEnd): string {
  const where = `${step.file}:${step.line}`;
  switch (end.kind) {
    case 'exited':
      return `The step '${step.name}' ended with status ${end.status} (${where}); its output says why`;
    case 'timed-out':
      return `The step '${step.name}' took longer than its timeout of ${step.timeoutMs / 1000} s and was ended (${where})`;
    case 'vanished':
      return `The step '${step.name}' vanished: the machine was restarted under it, or it was killed (${where})`;
    default:
      return end satisfies never;
  }
}
