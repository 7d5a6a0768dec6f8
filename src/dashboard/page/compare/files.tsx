// The files of sysinfo and jobdata that differ between two compared jobs. One of them is shown line by line.

import { useQuery } from '../address'
import type { ComparedFile, Comparison } from '../api'
import { formatBytes } from '../format'
import { Loaded } from '../parts/notice'
import { useResource } from '../resource'

export function ComparedFiles({ comparison: { files, job, base } }: { comparison: Comparison }) {
  const { query, change } = useQuery()
  if (files.length === 0 || base === null) return null
  const names = files
    .slice(0, 3)
    .map(({ path }) => path.split('/').at(-1))
    .join(', ')
  const more = files.length > 3 ? ' and others' : ''
  const isOpen = files.some(({ path }) => path === query.file)
  return (
    <details class="compared-files" open={isOpen || undefined}>
      <summary>
        {files.length === 1 ? '1 file of sysinfo differs' : `${files.length} files of sysinfo differ`}:{' '}
        {names}
        {more}
      </summary>
      <ul>
        {files.map(({ path, change: kind }) => (
          <li key={path}>
            <button
              type="button"
              class="as-link"
              aria-expanded={query.file === path}
              onClick={() => change({ file: query.file === path ? undefined : path })}
            >
              {path}
            </button>{' '}
            {kind !== 'changed' && <span class="muted">{kind}</span>}
            {query.file === path && <FileDifference path={path} job={job} base={base} />}
          </li>
        ))}
      </ul>
    </details>
  )
}

function FileDifference({ path, job, base }: { path: string; job: string; base: string }) {
  const file = useResource<ComparedFile>(`/jobs/compare/file/?${new URLSearchParams({ job, base, path })}`)
  return (
    <Loaded resource={file} height="80px">
      {({ binary, truncated, hunks, base_size, job_size }) => (
        <>
          {binary && (
            <p class="muted">
              It is no text: {sizeText(base_size)} before, {sizeText(job_size)} now.
            </p>
          )}
          {hunks.length > 0 && (
            <pre class="diff">
              {hunks.map((hunk) => (
                <HunkLines key={hunk.job} {...hunk} />
              ))}
            </pre>
          )}
          {truncated && <p class="muted">Only the beginning is compared.</p>}
        </>
      )}
    </Loaded>
  )
}

function sizeText(bytes: number | null): string {
  return bytes === null ? 'not there' : formatBytes(bytes)
}

function HunkLines({ base, job, lines }: ComparedFile['hunks'][number]) {
  return (
    <>
      <span class="muted">
        line {base} / {job}
        {'\n'}
      </span>
      {lines.map((line, index) => {
        const key = `${index} ${line.slice(0, 20)}`
        if (line.startsWith('-')) return <del key={key}>{`${line}\n`}</del>
        if (line.startsWith('+')) return <ins key={key}>{`${line}\n`}</ins>
        return <span key={key}>{`${line}\n`}</span>
      })}
    </>
  )
}
