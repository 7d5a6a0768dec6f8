// Prints all tests of a job, although the page draws only the visible ones. The browser does not wait before it prints,
// so the tests are loaded at that moment by a synchronous request.

import { render } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { WholeTest } from '../api'
import { getAllSync } from '../get-sync'
import { meaningOf, statusOf } from '../statuses'
import { Duration } from './time'

type Row = Omit<WholeTest, 'environment'>

/** @param path  the path of the list, with filter and order, but no page. */
export function PrintedTests({ path }: { path: string }) {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const show = () => {
      if (box.current) render(<Tests path={path} />, box.current)
    }
    const hide = () => {
      if (box.current) render(null, box.current)
    }
    addEventListener('beforeprint', show)
    addEventListener('afterprint', hide)
    return () => {
      removeEventListener('beforeprint', show)
      removeEventListener('afterprint', hide)
      hide()
    }
  }, [path])
  return <div ref={box} class="printed" />
}

function Tests({ path }: { path: string }) {
  const { rows, error } = getAllSync<Row>(path)
  return (
    <>
      {error && <p>Not all tests are here: {error.message}</p>}
      <table>
        <caption class="visually-hidden">All tests</caption>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Test</th>
            <th scope="col">Duration</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((test) => (
            <tr key={test.id}>
              <td>{meaningOf(statusOf(test)).label}</td>
              <td>
                {test.tag}
                {test.fail_reason !== null && <div class="muted">{test.fail_reason.slice(0, 1000)}</div>}
              </td>
              <td>
                <Duration seconds={test.elapsed_time} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
