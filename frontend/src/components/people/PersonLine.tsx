import { Link } from "react-router";

import { fullName, type UserCard } from "@/api/tasks";
import { Avatar, Rating, Said } from "@/components/ui";
import { paths } from "@/config/paths";

/** Somebody in a line: picture, name and rating, leading to their profile. */
export const PersonLine = ({ user }: { user: UserCard }) => (
  <div className="flex items-center gap-3">
    <Avatar name={fullName(user)} src={user.profile_picture} />
    <div className="min-w-0">
      <Link to={paths.user(user.id)} className="block font-semibold hover:underline hover:underline-offset-4">
        <Said>{fullName(user)}</Said>
      </Link>
      <Rating value={user.average_rating} count={user.total_reviews} />
    </div>
  </div>
);
