import { Command } from 'commander';
import { loadConfig } from '../../platform/config.ts';
import { checkHost } from '../../server/doctor/check-host.ts';
import type { Finding } from '../../server/doctor/finding.ts';
import { checkServer } from '../check-server.ts';
import { exitCodes } from '../errors.ts';
import { paint, print, printJson } from '../output.ts';

const marks = {
  ok: () => paint('green', '✓'),
  limit: () => paint('yellow', '!'),
  problem: () => paint('red', '✗'),
} as const;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Find every limit of this machine, and its cure; fails only where Ingot cannot work')
    .option('--json', 'print JSON for programs')
    .action(async (options: { readonly json?: true }) => {
      const config = await loadConfig();
      const findings: readonly Finding[] = [...(await checkHost(config)), ...(await checkServer(config))];
      const problems = findings.filter(({ level }) => level === 'problem').length;
      if (problems > 0) process.exitCode = exitCodes.failed;
      if (options.json) return printJson(findings);
      for (const { level, subject, finding, cure } of findings) {
        print(`${marks[level]()} ${subject.padEnd(14)} ${finding}`);
        if (cure !== undefined) print(`  ${''.padEnd(14)} ${paint('dim', cure)}`);
      }
      const limits = findings.filter(({ level }) => level === 'limit').length;
      print(`\n${findings.length} looked at: ${problems} to mend, ${limits} limits`);
    });
}
