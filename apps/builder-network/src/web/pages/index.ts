import type { Page } from '../page.ts'
import { chainDetails } from './chains/details.ts'
import { forum } from './chains/forum.ts'
import { chainCardPage, chainsList } from './chains/list.ts'
import { newChain } from './chains/new.ts'
import { forumPost, forumPostRow } from './chains/post.ts'
import { feed } from './feed.ts'
import { investorCardPage, investorsDirectory } from './investors.ts'
import { builderLeaderboard, builderRowPage, projectLeaderboard, projectRowPage } from './leaderboards.ts'
import { OWN_PAGES } from './own.ts'
import { projectCardPage } from './project-card.ts'
import { editProject, newProject, projectChains } from './project-forms.ts'
import { project } from './project.ts'
import { publicProfile } from './profile.ts'
import { search, suggestions } from './search.ts'

/** Every page of the application. Of two whose paths fit one address, the first one answers. */
export const PAGES: readonly Page[] = [
  feed,
  newProject,
  project,
  projectCardPage,
  editProject,
  projectChains,
  projectLeaderboard,
  projectRowPage,
  builderLeaderboard,
  builderRowPage,
  chainsList,
  newChain,
  chainDetails,
  chainCardPage,
  forum,
  forumPost,
  forumPostRow,
  investorsDirectory,
  investorCardPage,
  search,
  suggestions,
  publicProfile,
  ...OWN_PAGES,
]
