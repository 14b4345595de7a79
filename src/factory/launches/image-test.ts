/** An image tried out: launched, checked and removed, in each region by itself. */
import type { ValidationResult } from '../registry/version.ts';
import type { LaunchQuestion } from './launch-answer.ts';

export interface ImageTestRequest extends Omit<LaunchQuestion, 'region'> {
  /** Every region of the target that has the image, unless told. */
  readonly regions?: readonly string[] | undefined;
}

export interface ImageTest {
  readonly id: string;
  readonly name: string;
  readonly target: string;
  readonly status: 'in_progress' | 'passed' | 'failed';
  readonly regions: readonly TestedRegion[];
  readonly createdAt: string;
}

export interface TestedRegion {
  readonly region: string;
  /** `missing`: there is no image to launch. */
  readonly status: 'in_progress' | 'passed' | 'failed' | 'missing';
  readonly imageId?: string;
  readonly version?: string;
  /** From the launch to a running kernel, and to a shell. */
  readonly bootMs?: number;
  readonly sshMs?: number;
  readonly checks: readonly ValidationResult[];
  readonly error?: string;
  /** What could not be removed: still there. */
  readonly leftOver: readonly string[];
}

/** As it is written down: which run tests which region. */
export interface TestPlace {
  readonly region: string;
  readonly runId?: string;
  readonly imageId?: string;
  readonly version?: string;
  /** Why there is no run. */
  readonly problem?: string;
}
