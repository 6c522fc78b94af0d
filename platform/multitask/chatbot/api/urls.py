from django.urls import path

from multitask.chatbot.api import views

urlpatterns = [
    path("chatbot/chat/", views.ChatView.as_view(), name="chatbot-chat"),
    path("chatbot/sessions/", views.ChatSessionListView.as_view(), name="chatbot-sessions"),
    path("chatbot/sessions/<int:pk>/messages/", views.ChatMessageListView.as_view(), name="chatbot-messages"),
    path("chatbot/messages/<int:pk>/", views.ChatMessageView.as_view(), name="chatbot-message"),
    path("chatbot/messages/<int:pk>/rating/", views.ChatRatingView.as_view(), name="chatbot-rating"),
    path("chatbot/help/", views.HelpView.as_view(), name="chatbot-help"),
]
