// Shows Avocado's HTML report of a job in a frame. The report comes from whoever ran the tests, so its sandbox has no
// scripts, no origin, and no access to the reader's session.

import type { ListedFile, Page } from '../api'
import { formatBytes } from '../format'
import { type ChangeFilter, useResource } from '../resource'
import { Empty, Loaded } from './notice'

const NAME = 'results.html'

interface Props {
  /** The path of the list of files. */
  path: string
  refetchOn: ChangeFilter
}

const filesOf = (path: string) => `${path}?page_size=1000`

/** Whether a job has a report. */
export function useHasReport({ path, refetchOn }: Props): boolean {
  const files = useResource<Page<ListedFile>>(filesOf(path), refetchOn)
  return files.data?.results.some((file) => file.path === NAME) ?? false
}

export function Report({ path, refetchOn }: Props) {
  const files = useResource<Page<ListedFile>>(filesOf(path), refetchOn)
  return (
    <Loaded resource={files} height="75vh">
      {({ results }) => {
        const report = results.find((file) => file.path === NAME)
        if (!report) {
          return (
            <Empty>
              <p>
                No report was sent. <code>avocado-server upload JOB_DIR</code> sends it with all other files.
              </p>
            </Empty>
          )
        }
        return (
          <>
            <p class="panel-head muted">
              <span>
                As Avocado wrote it, without its scripts. The logs that it links to are at the tests.
              </span>
              <a href={new URL(report.url).pathname}>Raw, {formatBytes(report.size)}</a>
            </p>
            <iframe
              class="report"
              title={NAME}
              sandbox=""
              src={`${new URL(report.url).pathname}?show=page`}
            />
          </>
        )
      }}
    </Loaded>
  )
}
