// The services that results/ adds to those of auth/.

import type { AuthServices } from '../../auth/services'
import type { FileStore } from '../../blobs/store'
import { JobCreators } from './job-creators'

export interface ResultParts {
  /** The store of file contents, in a folder beside the database. */
  files: FileStore
}

export interface ResultServices extends AuthServices, ResultParts {
  jobCreators: JobCreators
}

export function resultServices<Parts extends AuthServices & ResultParts>(
  parts: Parts,
): Parts & ResultServices {
  return { ...parts, jobCreators: new JobCreators(parts.database) }
}
