// The last lines of the log of a failure, with a link to all of it.

import { useEffect, useState } from 'preact/hooks'
import { paths, withQuery } from '../address'
import { fetchOk, type ListedFile, type Page } from '../api'
import { withoutSequences } from '../log/ansi'
import { isText, logOf, pathIn } from '../parts/files'
import { useResource } from '../resource'

const LINES = 12
const BYTES = 4096
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f]/g

/** Nothing where there is no log. */
export function LogEnd({ job, test }: { job: string; test: number }) {
  const files = useResource<Page<ListedFile>>(`/jobs/${job}/tests/${test}/files/?page_size=100`)
  const file = logOf(files.data?.results.filter(isText) ?? [])
  const [lines, setLines] = useState<string>()
  useEffect(() => {
    if (!file) return
    const controller = new AbortController()
    readEnd(file, controller.signal)
      .then(setLines)
      .catch(() => {})
    return () => controller.abort()
  }, [file?.url])
  if (!file || lines === undefined) return null
  return (
    <figure class="log-end">
      <figcaption class="muted">
        The end of {file.path}.{' '}
        <a class="log-all" href={withQuery(paths.test(job, test), { tab: 'log', file: file.path })}>
          All of it
        </a>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled to by keys */}
      <pre tabIndex={0}>{lines}</pre>
    </figure>
  )
}

async function readEnd({ url, size }: ListedFile, signal: AbortSignal): Promise<string> {
  const start = Math.max(0, size - BYTES)
  const response = await fetchOk(pathIn(url), {
    signal,
    ...(start > 0 && { headers: { range: `bytes=${start}-` } }),
  })
  const text = (await response.text())
    .split('\n')
    .map((line) => withoutSequences(line).replaceAll(CONTROLS, ''))
    .join('\n')
  const lines = text.trimEnd().split('\n')
  // The first line is cut.
  return (start > 0 && lines.length > 1 ? lines.slice(1) : lines).slice(-LINES).join('\n')
}
