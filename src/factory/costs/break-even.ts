/** An image, or setting each machine up anew: what each costs, from what was measured. Pure. */

export interface SetUpMeasured {
  /** What the template's steps take on a machine that has none of them. */
  readonly setUpMs: number;
  /** US dollars an hour, of the machine that it would run on. */
  readonly instancePerHour: number;
  /** Of the image, US dollars. */
  readonly storagePerMonth: number;
  /** Once: the machines of its build and its copies. */
  readonly buildCost: number;
  /** In the last 30 days. */
  readonly launches: number;
}

export interface BreakEven {
  /** Set up each time: what a launch costs more than one from the image. */
  readonly setUpCostPerLaunch: number;
  /** From so many launches a month the image is the cheaper way; undefined where it never is. */
  readonly launchesPerMonth?: number;
  /** After so many launches its build is paid too, at the launches of the last 30 days; undefined where it never is. */
  readonly launchesToRepay?: number;
  /** What the last 30 days would have cost more without the image; negative where the image is the dearer way. */
  readonly savedPerMonth: number;
  /** Time that people didn't wait in the last 30 days. */
  readonly savedMsPerMonth: number;
}

const hourMs = 3_600_000;

export function breakEven(measured: SetUpMeasured): BreakEven {
  const { setUpMs, instancePerHour, storagePerMonth, buildCost, launches } = measured;
  const setUpCostPerLaunch = (setUpMs / hourMs) * instancePerHour;
  const savedPerMonth = launches * setUpCostPerLaunch - storagePerMonth;
  const gainPerLaunch = launches === 0 ? 0 : savedPerMonth / launches;
  return {
    setUpCostPerLaunch,
    ...(setUpCostPerLaunch > 0
      ? { launchesPerMonth: Math.max(1, Math.ceil(storagePerMonth / setUpCostPerLaunch)) }
      : {}),
    ...(gainPerLaunch > 0 ? { launchesToRepay: Math.ceil(buildCost / gainPerLaunch) } : {}),
    savedPerMonth,
    savedMsPerMonth: launches * setUpMs,
  };
}
