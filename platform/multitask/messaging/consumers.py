"""The socket of conversations."""

from __future__ import annotations

import asyncio

from django.db import DatabaseError, InterfaceError

from multitask.messaging.frames import (
    MessageAck,
    MessageDelivered,
    MessageRead,
    MessageSend,
    TypingStart,
    TypingStop,
)
from multitask.messaging.selectors.conversations import access_conversation, neighbours_of
from multitask.messaging.selectors.wires import message_shown
from multitask.messaging.services.messages import message_send
from multitask.messaging.services.receipts import messages_delivered, messages_read
from multitask.realtime.events import ConversationNew, MessageWire
from multitask.realtime.models import Stream
from multitask.realtime.selectors.events import News
from multitask.realtime.sockets import Socket, handles
from multitask.settings.logs import get_logger

log = get_logger(__name__)

NEW = ConversationNew.model_fields["type"].default
KNOWN_LIMIT = 1_000


class ChatSocket(Socket):
    """Messages, receipts and typing, live; and who is there of those with whom its user has conversations."""

    stream = Stream.CHAT
    _watching: asyncio.Task[None] | None = None

    async def opened(self) -> None:
        # {conversation: who else is in it}, which never changes.
        self._others: dict[int, int] = {}
        await self._watch_neighbours()

    def deliver(self, news: News) -> bool:
        if any(body.get("type") == NEW for _, body in news.events):
            self._watching = asyncio.get_running_loop().create_task(self._watch_neighbours())
        return super().deliver(news)

    async def _watch_neighbours(self) -> None:
        try:
            await self.watch(await self.database(neighbours_of, self.user))
        except (DatabaseError, InterfaceError) as error:
            log.warning("nobody_watched", error=str(error).strip())

    @handles(MessageSend)
    async def message_send(self, frame: MessageSend) -> None:
        """Answered once the message is committed; the event of it comes besides, to this socket too."""

        def sent() -> MessageWire:
            message = message_send(
                actor=self.user,
                conversation_id=frame.conversation,
                content=frame.content,
                client_id=frame.client_id,
            )
            return message_shown(message, reader_id=self.user_id)

        self.answer(MessageAck(client_id=frame.client_id, message=await self.database(sent)))

    @handles(MessageRead)
    async def message_read(self, frame: MessageRead) -> None:
        await self.database(
            messages_read, actor=self.user, conversation_id=frame.conversation, up_to=frame.up_to
        )

    @handles(MessageDelivered)
    async def message_delivered(self, frame: MessageDelivered) -> None:
        await self.database(
            messages_delivered, actor=self.user, conversation_id=frame.conversation, up_to=frame.up_to
        )

    @handles(TypingStart)
    async def typing_start(self, frame: TypingStart) -> None:
        await self._say_typing(frame.conversation, active=True)

    @handles(TypingStop)
    async def typing_stop(self, frame: TypingStop) -> None:
        await self._say_typing(frame.conversation, active=False)

    async def _say_typing(self, conversation_id: int, *, active: bool) -> None:
        other = self._others.get(conversation_id)
        if other is None:
            conversation = await self.database(
                access_conversation, actor=self.user, conversation_id=conversation_id
            )
            other = conversation.other_id(self.user_id)
            if len(self._others) < KNOWN_LIMIT:
                self._others[conversation_id] = other
        self.typing(conversation_id, [other], active=active)
