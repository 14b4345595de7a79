/** Asks before something is destroyed. */
import { confirm, isCancel } from '@clack/prompts';
import { CliError, exitCodes } from './errors.ts';

export interface ConsentOptions {
  readonly yes?: true;
  readonly dryRun?: true;
}

/** True to go on. `plan` has been shown before. Throws where the answer is no, or where nobody can be asked. */
export async function consents(question: string, options: ConsentOptions): Promise<boolean> {
  if (options.dryRun) return false;
  if (options.yes) return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new CliError('Nobody can be asked here: give --yes to go on, or --dry-run to only look', {
      exitCode: exitCodes.declined,
    });
  }
  const answer = await confirm({ message: question, initialValue: false });
  if (isCancel(answer) || !answer)
    throw new CliError('Nothing was changed', { exitCode: exitCodes.declined });
  return true;
}
