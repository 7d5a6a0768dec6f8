// Where a job ran, and its other labels, as links to the jobs with the same label.

import { filterValue, paths } from '../address'
import type { Job } from '../api'

type Labels = Job['labels']

function labelOf(labels: Labels, key: string): string | undefined {
  return labels && Object.hasOwn(labels, key) ? [labels[key] ?? []].flat()[0] : undefined
}

export const hostOf = (labels: Labels) => labelOf(labels, 'host')
export const branchOf = (labels: Labels) => labelOf(labels, 'branch')

/** A label as the filter of a list has it. */
export function labelFilter(key: string, value: string): string {
  return `${key}:${filterValue(value)}`
}

function jobsWith(key: string, value: string): string {
  return `${paths.jobs}?${new URLSearchParams({ label: labelFilter(key, value) })}`
}

/** @param isQuiet  has the colour of the text around it. */
function LabelLink({ name, value, isQuiet }: { name: string; value: string; isQuiet?: boolean }) {
  return (
    <a
      class={isQuiet ? 'quiet-link' : undefined}
      href={jobsWith(name, value)}
      title={`Jobs with ${name} ${value}`}
    >
      {value}
    </a>
  )
}

/** What ran, and where: `nightly on rack7`; the title alone if it names the host, or that is unknown. */
export function titleAt(title: string, host: string | null | undefined): string {
  return host == null || title.includes(host) ? title : `${title} on ${host}`
}

/**
 * Host and branch in a row of a table, which is a link itself.
 *
 * @param isText  without links of their own, where there is no room to hit them.
 */
export function Place({ labels, isText }: { labels: Labels; isText?: boolean }) {
  const parts = (['host', 'branch'] as const).flatMap((name) => {
    const value = labelOf(labels, name)
    return value === undefined ? [] : [{ name, value }]
  })
  if (parts.length === 0) return null
  return (
    <span class="place" title={parts.map(({ value }) => value).join(', ')}>
      {parts.map(({ name, value }, index) => (
        <span key={name} class={name === 'branch' ? 'muted' : undefined}>
          {index > 0 && ' · '}
          {isText ? value : <LabelLink name={name} value={value} isQuiet />}
        </span>
      ))}
    </span>
  )
}

/** Host and branch among the facts of a job or a test. */
export function PlaceFacts({ labels }: { labels: Labels }) {
  const host = hostOf(labels)
  const branch = branchOf(labels)
  return (
    <>
      {host !== undefined && (
        <div>
          <dt>Host</dt>
          <dd>
            <LabelLink name="host" value={host} />
          </dd>
        </div>
      )}
      {branch !== undefined && (
        <div>
          <dt>Branch</dt>
          <dd>
            <LabelLink name="branch" value={branch} />
          </dd>
        </div>
      )}
    </>
  )
}

/** The labels of a job besides its host and branch. */
export function OtherLabels({ labels = {} }: { labels: Labels }) {
  const others = Object.entries(labels).filter(([key]) => key !== 'host' && key !== 'branch')
  if (others.length === 0) return null
  return (
    <div class="fact-long">
      <dt>Labels</dt>
      <dd class="labels">
        {others.map(([key, values]) => (
          <span key={key}>
            <span class="muted">{key}:</span>{' '}
            {[values].flat().map((value, index) => (
              <span key={value}>
                {index > 0 && ', '}
                <LabelLink name={key} value={value} />
              </span>
            ))}
          </span>
        ))}
      </dd>
    </div>
  )
}
