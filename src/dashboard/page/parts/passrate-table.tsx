// The numbers of the chart of the pass rate as a table.

import { useQuery } from '../address'
import type { Bucket } from '../api'
import { formatCount, formatPassrate } from '../format'
import {
  type Interval,
  intervalName,
  jobsHref,
  passrateOfBucket,
  ranOfBucket,
  testsOfBucket,
} from './intervals'

export function PassrateTable({ buckets, interval }: { buckets: Bucket[]; interval: Interval }) {
  const { hrefWith } = useQuery()
  return (
    <>
      <table class="cards passrate-table">
        <caption class="visually-hidden">Pass rate and number of tests, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" class="end">
              Jobs
            </th>
            <th scope="col" class="end">
              Tests
            </th>
            <th scope="col" class="end">
              Ran
            </th>
            <th scope="col" class="end">
              Failed
            </th>
            <th scope="col" class="end">
              Pass rate
            </th>
          </tr>
        </thead>
        <tbody>
          {buckets.toReversed().map((bucket) => (
            <tr key={bucket.time}>
              <td>
                <a class="row-link" href={jobsHref(bucket, buckets)}>
                  {intervalName(bucket, interval)}
                </a>
              </td>
              <Count value={bucket.jobs} unit="jobs" />
              <Count value={testsOfBucket(bucket)} unit="tests" />
              <Count value={ranOfBucket(bucket)} unit="ran" />
              <Count value={bucket.failed + bucket.errored} unit="failed" />
              <td class="end numbers" data-unit="passed">
                {formatPassrate(passrateOfBucket(bucket))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="panel-note">
        <a href={hrefWith({ view: undefined })}>As a chart</a>
      </p>
    </>
  )
}

function Count({ value, unit }: { value: number; unit: string }) {
  return (
    <td class="end numbers" data-unit={unit}>
      {formatCount(value)}
    </td>
  )
}
