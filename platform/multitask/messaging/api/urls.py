from django.urls import path

from multitask.messaging.api import views

urlpatterns = [
    path("messages/conversations/", views.ConversationListView.as_view(), name="conversation-list"),
    path("messages/conversations/<int:pk>/", views.ConversationView.as_view(), name="conversation-detail"),
    path("messages/conversations/<int:pk>/messages/", views.MessageListView.as_view(), name="message-list"),
    path("messages/conversations/<int:pk>/read/", views.ReadView.as_view(), name="conversation-read"),
    path(
        "messages/conversations/<int:pk>/delivered/",
        views.DeliveredView.as_view(),
        name="conversation-delivered",
    ),
    path("messages/search/", views.MessageSearchView.as_view(), name="message-search"),
    path("messages/unread-count/", views.UnreadMessagesView.as_view(), name="message-unread-count"),
]
