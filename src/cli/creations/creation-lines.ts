/** A creation in words: how it stands, and what came of it. */
import { bar } from '../builds/progress-bar.ts';
import { duration, paint } from '../output.ts';
import type { CreationBody } from './show-creation.ts';

const msPerMinute = 60_000;

/** What a person reads at a glance while it runs, and after. */
export function statusLines(creation: CreationBody): readonly string[] {
  const { status, progress } = creation;
  const percent = status === 'in_progress' ? ` (${progress}% complete)` : '';
  return [
    paint('bold', 'AMI creation status'),
    '',
    line('AMI ID', creation.ami_id === '' ? 'none yet' : creation.ami_id),
    line('Name', creation.name),
    line('Creation', creation.creation_id),
    line('Machine', `${creation.instance_name} (${creation.instance_id})`),
    ...templateLine(creation),
    line('Status', `${paint(statusStyle(status), status)}${percent}`),
    ...(isOver(creation) ? [] : [line('Progress', `${creation.message} - ${times(creation)}`)]),
    ...(status === 'in_progress' ? [`   ${bar(progress)}`] : []),
    ...(isOver(creation) ? [line('Total time', elapsed(creation))] : []),
    ...outcomeLines(creation),
    line('Storage cost', `${money(creation.storage_cost)}/month${unbilled(creation)}`),
    line('Creation cost', money(creation.creation_cost)),
    ...regionLines(creation),
    ...(status === 'failed' ? [line('Why', whyFailed(creation))] : []),
    ...creation.left_over.map(({ step, message }) => line('Left over', `${step}: ${message}`)),
  ];
}

/** When it is done. */
export function doneLines(creation: CreationBody): readonly string[] {
  const { template_name: template, version } = creation;
  const what =
    template === ''
      ? `Image of '${creation.instance_name}' made`
      : `'${creation.instance_name}' saved as ${template} ${version}`;
  return [
    '',
    paint('bold', what),
    line('AMI ID', `${creation.ami_id} (${creation.target_regions[0]})`),
    ...regionLines(creation),
    ...outcomeLines(creation),
    line('Storage cost', `${money(creation.storage_cost)}/month${unbilled(creation)}`),
    line('Total time', elapsed(creation)),
    ...(creation.template_file === null ? [] : [line('Template', creation.template_file)]),
    '',
    template === ''
      ? `Launch it:  ingot launch ${creation.ami_id} my-new-machine`
      : `Launch it:  ingot launch ${template} my-new-machine`,
  ];
}

export function failedRegions({ region_results: results }: CreationBody): readonly string[] {
  return Object.values(results).flatMap(({ region, status }) => (status === 'failed' ? region : []));
}

export function money(dollars: number): string {
  return `$${dollars.toFixed(dollars < 1 ? 4 : 2)}`;
}

function outcomeLines(creation: CreationBody): readonly string[] {
  const { consistency, proof, community_sharing: sharing } = creation;
  return [
    ...(consistency === null ? [] : [line('Consistency', `${consistency}${stillness(creation)}`)]),
    ...(proof === null ? [] : [line('Proof', `launched, SSH after ${duration(proof.ssh_seconds * 1000)}`)]),
    ...(sharing === null ? [] : [line('Shared', sharing.error ?? `with ${sharing.community}`)]),
  ];
}

/** What the point in time cost the machine. */
function stillness({
  consistency,
  not_running_seconds: still,
  frozen_seconds: frozen,
}: CreationBody): string {
  if (consistency === 'rebooted') return ', the machine was rebooted';
  const time = (seconds: number) => duration(seconds * 1000);
  const files = frozen === null ? '' : `, files held still for ${time(frozen)}`;
  if (still === null) return files;
  return `${files}, the machine ${consistency === 'stopped' ? 'was off' : 'stood still'} for ${time(still)}`;
}

function regionLines({ region_results: results, target_regions: regions }: CreationBody): readonly string[] {
  return regions.slice(1).flatMap((region) => {
    const each = results[region];
    if (each === undefined) return [];
    const text =
      each.status === 'failed' ? `failed: ${each.error ?? 'the image itself failed'}` : each.status;
    return line(region, each.status === 'completed' ? each.ami_id : text);
  });
}

function whyFailed({ error, message }: CreationBody): string {
  return error === null ? message : `${error.step}: ${error.message}`;
}

function templateLine({ template_name: template, version }: CreationBody): readonly string[] {
  return template === '' ? [] : [line('Template', `${template} ${version}`)];
}

function times(creation: CreationBody): string {
  const left = creation.estimated_completion_minutes;
  const remaining = left === null ? '' : `, ~${duration(left * msPerMinute)} remaining`;
  return `${elapsed(creation)} elapsed${remaining}`;
}

function elapsed({ elapsed_time_minutes: minutes }: CreationBody): string {
  return duration(minutes * msPerMinute);
}

function isOver({ status }: CreationBody): boolean {
  return status === 'completed' || status === 'failed';
}

function unbilled({ billed }: CreationBody): string {
  return billed ? '' : " (AWS's price; nobody asks for it here)";
}

function statusStyle(status: CreationBody['status']) {
  if (status === 'completed') return 'green';
  return status === 'failed' ? 'red' : 'yellow';
}

function line(title: string, text: string): string {
  return `   ${`${title}:`.padEnd(15)} ${text}`;
}
