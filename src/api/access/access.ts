import type { Database } from '../../platform/database/database.ts';
import type { ApiSchema } from '../records.ts';

/** What the doors know callers by, and where they write down what was done. */
export interface Access {
  readonly records: Database<ApiSchema>;
  /** In the secrets of the home: an admin's, and the way to the first token. */
  readonly homeToken: string;
  readonly now: () => Date;
}
