// Says before an upgrade what it will take, and refuses one that the disk has no room for.

import { dirname, resolve } from 'node:path'
import { DatabaseUnusable } from '../storage/errors'
import { forecastUpgrade, type UpgradeForecast } from '../storage/sqlite/migrations/forecast'

const MINUTE = 60

/**
 * What the upgrade of a database will take, in sentences.
 *
 * @returns undefined when there is nothing to upgrade.
 * @throws DatabaseUnusable when the disk has no room for it
 */
export function foretellUpgrade(path: string): string | undefined {
  const forecast = forecastUpgrade(path)
  if (!forecast) return undefined
  const { bytes, freeBytes } = forecast
  if (freeBytes < bytes) {
    throw new DatabaseUnusable(
      `The upgrade of ${path} needs about ${sizeOf(bytes)} in ${dirname(resolve(path))}, ${whatFor(forecast)}, and ${sizeOf(freeBytes)} are free: make room there. ${path} was left as it is.`,
    )
  }
  const { from, to, tests } = forecast
  return (
    `${path} is upgraded from schema ${from} to ${to} (${tests.toLocaleString('en')} tests): it takes ${durationOf(forecast)} ` +
    `and about ${sizeOf(bytes)} of the disk, ${whatFor(forecast)}. ` +
    'What results tell together is derived after that, while the server serves: until then such answers say "incomplete".'
  )
}

function whatFor({ bytes, copyBytes }: UpgradeForecast): string {
  return `${sizeOf(copyBytes)} for a copy of it as it is and ${sizeOf(bytes - copyBytes)} for new indexes`
}

function durationOf({ seconds }: UpgradeForecast): string {
  if (seconds < MINUTE) return 'less than a minute'
  return `about ${Math.ceil(seconds / MINUTE)} to ${Math.ceil((3 * seconds) / MINUTE)} minutes`
}

function sizeOf(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2
  return mebibytes < 1024 ? `${Math.ceil(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`
}
