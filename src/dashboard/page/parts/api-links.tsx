// Links to the answer that a page shows: as JSON, and in the API browser.

import { paths } from '../address'

/** @param path  of the API */
export function ApiLinks({ path }: { path: string }) {
  return (
    <>
      <a href={path}>JSON</a> · <a href={paths.api(path)}>API</a>
    </>
  )
}
