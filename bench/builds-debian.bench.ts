/**
 * The factory on Debian: a template that comes with Ingot, whose packages are installed in the guest from the archive,
 * built with nothing cached, then with the last step changed. Where machines are emulated, this takes half an hour.
 */
import { addBase, hostArchitecture } from '../src/cli/bases.ts';
import { type Rebuilds, rebuildNote, rebuildTable } from './builds/rebuild-table.ts';
import { copyShippedTemplate } from './builds/shipped-template.ts';
import { timedBuild } from './builds/timed-build.ts';
import { startOwnServer } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';

await runBench('builds-debian', async (frame): Promise<Report> => {
  const server = await startOwnServer(frame);
  await addBase(server.context, 'debian-12', hostArchitecture(), frame.say);
  const rows: Rebuilds[] = [];
  for (const name of frame.quick ? ['web-server'] : ['python-research']) {
    const template = await copyShippedTemplate(name, `${frame.folder}/${name}`);
    frame.say(`building ${name}`);
    const full = [await timedBuild(server.context, template.file, 0)];
    await template.changeLastStep();
    frame.say(`building ${name} with another last step`);
    const changed = [await timedBuild(server.context, template.file, template.steps - 1)];
    rows.push({ what: `\`${name}\`, nothing cached`, times: full, full });
    rows.push({ what: `\`${name}\`, the last step changed`, times: changed, full });
  }
  return {
    title: 'Builds on Debian 12',
    method: [
      "A template that comes with Ingot, as it is but for the last step's script, which gets another line for the rebuild. Once; the packages come from Debian's archive over this machine's network.",
      'The total is from the request until the build rests, both machines gone. Each of them boots Debian, runs cloud-init, and runs every validation test.',
    ],
    tables: [rebuildTable(rows)],
    notes: [rebuildNote],
  };
});
