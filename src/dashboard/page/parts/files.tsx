// The files of a job or a test: the list of all files, and the viewer of one.

import type { ComponentChildren } from 'preact'
import { useQuery } from '../address'
import type { ListedFile, Page } from '../api'
import { formatBytes } from '../format'
import { LogView } from '../log/view'
import { type ChangeFilter, useResource } from '../resource'
import { Empty, Loaded } from './notice'

/** Whether a file can be shown as text. */
export const isText = ({ type }: ListedFile) => /^text\/|\/(json|xml)$/.test(type)
/** The files that are shown first, in this order. */
const PREFERRED = ['debug.log', 'job.log', 'stdout', 'output', 'system-out', 'system-err']

/** The log to show of some text files: the first of those that are preferred, and not empty. */
export function logOf(texts: readonly ListedFile[]): ListedFile | undefined {
  return PREFERRED.map((name) => texts.find(({ path, size }) => path === name && size > 0)).find(Boolean)
}

/** The path of a URL of this server. The page keeps the host name under which the reader reached the server. */
export const pathIn = (url: string) => new URL(url).pathname

interface Props {
  /** The path of the list of files. */
  path: string
  refetchOn: ChangeFilter
}

function useFiles({ path, refetchOn }: Props) {
  return useResource<Page<ListedFile>>(`${path}?page_size=1000`, refetchOn)
}

const NoFiles = () => (
  <Empty>
    <p>
      No files were sent. <code>avocado-server upload JOB_DIR</code> sends the logs, too.
    </p>
  </Empty>
)

/** The table of all files. A text file opens in the log viewer; every file has a link to its raw content. */
export function FileTable(props: Props) {
  const { hrefWith } = useQuery()
  const files = useFiles(props)
  return (
    <Loaded resource={files} height="40vh">
      {({ results }) =>
        results.length === 0 ? (
          <NoFiles />
        ) : (
          <table class="files">
            <caption class="visually-hidden">Files</caption>
            <thead>
              <tr>
                <th scope="col">Path</th>
                <th scope="col" class="col-duration end">
                  Size
                </th>
                <th scope="col" class="col-count end">
                  As it is
                </th>
              </tr>
            </thead>
            <tbody>
              {results.map((file) => (
                <tr key={file.path}>
                  <td title={file.path}>
                    {isText(file) ? (
                      <a href={hrefWith({ tab: 'log', file: file.path, line: undefined, find: undefined })}>
                        {file.path}
                      </a>
                    ) : (
                      file.path
                    )}
                  </td>
                  <td class="end numbers">{formatBytes(file.size)}</td>
                  <td class="end">
                    <a
                      href={pathIn(file.url)}
                      target="_blank"
                      rel="noreferrer"
                      aria-label={`Raw: ${file.path}`}
                    >
                      Raw
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Loaded>
  )
}

/**
 * Shows the text file that the address names, or else the preferred one.
 *
 * @param choices  controls that the parent adds to the toolbar of the log.
 */
export function FileText(props: Props & { choices?: ComponentChildren }) {
  const { query, change, hrefWith } = useQuery()
  const files = useFiles(props)
  return (
    <Loaded resource={files} height="70vh">
      {({ results }) => {
        const texts = results.filter(isText)
        const file = query.file ? texts.find((file) => file.path === query.file) : (logOf(texts) ?? texts[0])
        if (!file && texts.length > 0) {
          return (
            <Empty>
              <p>
                There is no text file {query.file} here.{' '}
                <a href={hrefWith({ file: undefined, line: undefined, find: undefined })}>
                  Show what there is
                </a>
              </p>
            </Empty>
          )
        }
        if (!file) return <NoFiles />
        const choices = (
          <>
            {props.choices}
            {texts.length > 1 && (
              <label class="log-file">
                File
                <select
                  value={file.path}
                  onChange={(event) =>
                    change({ file: event.currentTarget.value, line: undefined, find: undefined })
                  }
                >
                  {texts.map(({ path, size }) => (
                    <option key={path} value={path}>
                      {path} ({formatBytes(size)})
                    </option>
                  ))}
                </select>
              </label>
            )}
          </>
        )
        return <LogView key={file.url} choices={choices} url={pathIn(file.url)} size={file.size} />
      }}
    </Loaded>
  )
}
