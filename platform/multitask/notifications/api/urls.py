from django.urls import path

from multitask.notifications.api import views

urlpatterns = [
    path("notifications/", views.NotificationListView.as_view(), name="notification-list"),
    path("notifications/unread-count/", views.UnreadCountView.as_view(), name="notification-unread-count"),
    path("notifications/mark-all-read/", views.MarkAllView.as_view(), name="notification-mark-all"),
    path("notifications/<int:pk>/", views.NotificationView.as_view(), name="notification-detail"),
]
