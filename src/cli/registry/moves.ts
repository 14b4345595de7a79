import { paint, print } from '../output.ts';
import { placeName } from './places.ts';

interface Move {
  readonly template: string;
  readonly channel: string;
  readonly region: string;
  readonly architecture: string;
  readonly from_version: string | null;
  readonly to_version: string | null;
  readonly to_ami_id: string | null;
  readonly forced: boolean;
}

/** A line a move: `r-research stable  us-east-1/x86_64  v1.2.2 → v1.2.3  ami-…` */
export function printMoves(moves: readonly Move[]): void {
  for (const move of moves) {
    const to = move.to_version ?? paint('yellow', 'nothing: the channel ends here');
    const forced = move.forced ? `  ${paint('yellow', 'forced')}` : '';
    const place = placeName(move).padEnd(20);
    const image = move.to_ami_id === null ? '' : `  ${paint('dim', move.to_ami_id)}`;
    print(
      `${move.template}@${move.channel}  ${place}  ${move.from_version ?? '-'} → ${paint('bold', to)}${image}${forced}`,
    );
  }
}
